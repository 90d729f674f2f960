"""Brokers that carry the messages of a crew: Redis or RabbitMQ, behind one interface."""
