"""How well, how fast and how soon speech is heard: what `liveshelf bench asr` measures."""
