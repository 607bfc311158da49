"""Looking into files on the sender's own machine, before they are sealed: what they say beside what they show."""
