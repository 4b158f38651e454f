"""The commands that people run on their own machine: check, explain, rules, demo, doctor.

The highest room: it may know everything, and imports it late, because `migsafe check` of one file must start at
once. Absent on purpose: anything that judges. `check` judges files on disk with the same code as pull requests.
"""
