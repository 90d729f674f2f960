-- Finds what a borrower said, to erase it.
CREATE INDEX IF NOT EXISTS contact_words_by_borrower ON contact_words (borrower_ref)
