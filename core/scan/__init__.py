"""Where do two models differ most? A text of any size read by passages, the words furthest apart kept."""
