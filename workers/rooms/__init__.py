"""Makes sample rooms with truth: renders goods, speaks scripts, films both. An offline tool."""
