-- Asks to be woken when a plan is published or everything is stopped or started. A hint only: what it says is looked up.
LISTEN daypart
