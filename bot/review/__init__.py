"""The review: a changed head gets one review and one concluded check; a command gets one answer.

It begins in `pull_request` or `answers`. `proposal` reads and analyses, `judge` is the pure middle that runs in a
confined child, `publishing` writes the review. `ports` states what it needs from outside, `errors` what may go wrong.
It knows frameworks, rules, report and core. Absent on purpose: HTTP, SQL connections, the queue.
"""
