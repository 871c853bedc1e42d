"""Django's PostgreSQL backend with connections that are kept between requests (``ENGINE`` in the settings)."""
