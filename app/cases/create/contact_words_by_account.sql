-- Finds the cases of an account.
CREATE INDEX IF NOT EXISTS contact_words_by_account ON contact_words (account_id, kept_at)
