-- Makes a test of a campaign for a seed list. $1 text: campaign. $2 text: audience. One row: the name of the test. See test_campaign().
SELECT test_campaign($1, $2)
