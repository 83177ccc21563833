"""The pages of submissions, of keying in, paper forms and returns."""
