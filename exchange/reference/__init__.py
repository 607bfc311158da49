"""Names of States and of bodies in English and French: data of the project, not of an instance."""
