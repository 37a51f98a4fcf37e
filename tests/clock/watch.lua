-- watch.lua: under `--nemesis clock...` nodes must see wrong clocks, and in the end right ones.
-- What does not hold is an error of this scenario, so the run ends with exit status 3 and says it.

local SECOND = 1000000000
local fields = { wall = "integer", monotonic = "integer" }
local first, worst = {}, { wall = 0, monotonic = 0 }

local function errors_of(w, client)
    local shown = client:call { type = "clocks" }
    local now = math.floor(w:now() * SECOND + 0.5)
    local at = first[client.node]
    if at == nil then
        at = { wall = shown.wall - now, monotonic = shown.monotonic - now }
        first[client.node] = at
    end
    return math.abs(shown.wall - now - at.wall), math.abs(shown.monotonic - now - at.monotonic)
end

local function judge(kind)
    if worst.wall < 100000 then error("no wall clock was wrong by more than 0.1 ms", 0) end
    if kind == "clock-drift" and worst.monotonic < 100000 then
        error("no monotonic clock was wrong by more than 0.1 ms", 0)
    end
    if (kind == "clock-offset" or kind == "clock-jump") and worst.monotonic > 10 then
        error("a monotonic clock was wrong", 0)
    end
end

return workload {
    name = "watch",
    summary = "Clocks under faults.",
    requests = { clocks = fields },
    setup = errors_of,
    op = function() return { f = "look" } end,
    invoke = function(w, client, op)
        local wall, monotonic = errors_of(w, client)
        worst.wall = math.max(worst.wall, wall)
        worst.monotonic = math.max(worst.monotonic, monotonic)
        if op.final and wall > 10 then
            error(string.format("the wall clock of node %d is %d ns wrong in the end", client.node, wall), 0)
        end
        if op.final then judge(w.options.nemesis[1]) end
    end,
    final = function() return once { f = "look" } end,
    check = { "stats" },
}
