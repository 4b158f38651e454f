"""The review: a changed head gets one review and one concluded check; a command gets one answer.

It begins in `pull_request` or `answers`. `proposal` gathers all that is known about the files; `judge` is the pure
middle, which runs in a confined child and turns that into an analysis; `publishing` writes the review. `ports` states
what it needs from outside, `errors` what may go wrong.
It knows frameworks, rules, report and core. Absent on purpose: HTTP, SQL connections, the queue.
"""
