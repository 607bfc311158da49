"""The room `reports`: uploads, registration, and what is kept of a sealed report."""
