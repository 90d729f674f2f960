-- As a statement it travels in a pipeline with those behind it.
BEGIN
