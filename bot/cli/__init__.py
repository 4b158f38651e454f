"""The commands that people run on their own machine: check, explain, rules, demo, doctor.

The highest room: it may know everything, and imports it late, because `migsafe check` of one file has to start at
once. Absent on purpose: anything that judges. `check` feeds files on disk to the same line that pull requests take.
"""
