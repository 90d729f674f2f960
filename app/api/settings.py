"""What the door for services is told from outside: `DUEBOOK_API_*`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class ApiSettings(BaseSettings):
    """With nothing set it serves on this machine only, and takes API keys and no tokens."""

    model_config = SettingsConfigDict(env_prefix="DUEBOOK_API_", extra="ignore")

    host: str = "127.0.0.1"
    #: 0 takes any that is free.
    port: int = Field(8080, ge=0, le=65_535)

    # --- limits ----------------------------------------------------------------------------------
    #: The body of a request; batches are limited by the line instead.
    body_bytes_max: Count = 1_000_000
    #: The request line with all headers.
    head_bytes_max: Count = 16_384
    #: From the connection, or from the answer before, to the end of the headers.
    head_seconds_max: Seconds = 10.0
    #: From the headers to the end of the body; of a batch, between two pieces of it.
    body_seconds_max: Seconds = 30.0
    #: How long an append may wait for its turn.
    append_seconds_max: Seconds = 20.0
    #: How long a request may wait for the database before it is told to come again.
    database_seconds_max: Seconds = 5.0
    #: How long `?wait=view` waits before it says that the view does not show the fact yet.
    view_seconds_max: Seconds = 5.0
    #: What is still in hand when the server is told to stop may take so long.
    stop_seconds_max: Seconds = 30.0
    connections_max: Count = 1_000
    #: Requests a second of one key or token, and how many it may save up.
    requests_a_second: Seconds = 500.0
    requests_saved_max: Count = 1_000

    # --- tokens ----------------------------------------------------------------------------------
    #: A JWKS, as a URL or as a file; or one public key as a PEM file.
    jwt_jwks: str | None = None
    jwt_public_key: Path | None = None
    #: Needed as soon as there is a key: a token of another issuer or for another audience is none.
    jwt_issuer: str | None = None
    jwt_audience: str = "duebook"
