"""Reads the catalog of a read replica into a value.

`databases` says which of the operator's databases serve a repository, `snapshot` reads one of them, `queries` has
every query that is sent, and the other files make a `Catalog` of the rows. The only room that connects to an
operator's production: it knows core, the settings, and the protocols of `bot.review`. Absent on purpose: table data,
anything that writes or takes a lock that others would wait for, and the driver's messages, which name hosts and users.
"""
