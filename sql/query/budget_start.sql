-- Messages of a lane are counted from now on. $1 int2: lane. One row. Waits for a claim of the lane that is under way.
SELECT start_counting($1::smallint)
