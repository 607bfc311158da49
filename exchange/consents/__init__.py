"""The register of what States agreed to: events are kept, a status never is. What it opens is for `policies` to say."""
