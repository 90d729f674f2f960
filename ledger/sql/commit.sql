-- As a statement it travels in a pipeline with those before it.
COMMIT
