"""The finding, counted and shown: what is raised, addressed or met with silence. Values in, values out."""
