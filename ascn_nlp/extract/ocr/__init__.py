"""Pictures of pages -> lines of words, with what is doubtful about them; images as documents of their own."""
