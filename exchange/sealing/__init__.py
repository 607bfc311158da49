"""The layout of a sealed report: pieces, manifest, envelope, descriptors, package; sealing, and (client alone) opening."""
