"""RabbitMQ: there is none of our own; one that is given by URL is checked."""

from urllib.parse import unquote, urlsplit

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

from app.engines.home import EngineError

ANSWER_SECONDS = 5


def is_rabbitmq(url: str) -> bool:
    """Whether the URL speaks of RabbitMQ."""
    return url.startswith(("amqp://", "amqps://"))


def check_rabbitmq(url: str) -> None:
    """Refuse a server that is given by URL but is not there, or does not know us."""
    shown = urlsplit(url)
    place = f"{shown.hostname}, virtual host {unquote(shown.path[1:]) or '/'}"
    try:
        parameters = pika.URLParameters(url)
        parameters.socket_timeout = ANSWER_SECONDS
        parameters.stack_timeout = ANSWER_SECONDS
        pika.BlockingConnection(parameters).close()
    except (AMQPError, AMQPConnectorException, OSError, ValueError) as error:
        raise EngineError(
            f"Asked for the RabbitMQ server at {place}; it cannot be had:"
            f" {str(error) or repr(error)}\n"
            "Start it or correct DUEBOOK_BROKER_URL, or unset that to use duebook's own Redis."
        ) from error
