-- wrong.lua: asks for a fault of a clock that there is not; W says which (see run.sh).
return workload {
    name = "wrong",
    summary = "A wrong call of w:clock.",
    requests = {},
    begin = function(w) w:clock(0, WRONG) end,
    op = function() return nil end,
    invoke = function() end,
    check = { "stats" },
}
