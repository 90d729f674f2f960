"""Views: tables that are kept equal to replay, and the tools that prove it or say why not."""
