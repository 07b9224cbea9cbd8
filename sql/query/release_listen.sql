-- Asks to be woken when a plan is published everything is stopped or started, or (payload `said`) people said something of a sender. A hint only: what it says is looked up.
LISTEN daypart
