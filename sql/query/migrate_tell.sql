-- With the commit of an upgrade: daemons look at once, and see that the schema is another one.
NOTIFY daypart
