-- Where the people of a campaign's audience may be. $1 text: campaign. Binary COPY: prefix bigint (leading digits of numbers; NULL: no recipient any
-- more), region text, timezone text (NULL: not declared), people bigint. One pass over the audience; recipient by a hash join.
COPY (SELECT prefix, region, timezone, people FROM audience_places($1)) TO STDOUT (FORMAT binary)
