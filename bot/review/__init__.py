"""The straight line: a changed head becomes one review and one concluded check; a command, one answer.

`pull_request` and `answers` are its two ends. `proposal` reads and analyses, `judge` is the pure middle that runs in a
confined child, `publishing` is where a review is written. What it needs of the outside it states in `ports`, what may
go wrong in `errors`. It knows frameworks, rules, report and core. Absent on purpose: HTTP, SQL connections, the queue.
"""
