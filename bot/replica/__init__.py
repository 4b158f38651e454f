"""The catalog of a read replica, as a value.

`databases` says which of the operator's databases serve a repository, `snapshot` asks one of them, `queries` holds
every text that is sent, and the other files make a `Catalog` of the rows. The one room that speaks to somebody's
PostgreSQL: it knows core, the settings, and the protocols of `bot.review`. Absent on purpose: table data, anything
that writes or takes a lock that others would wait for, and the driver's messages, which name hosts and users.
"""
