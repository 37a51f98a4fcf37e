-- clock.lua: sets the clocks of n0 wrong in every way and looks at what it sees; n1 must see nothing.
-- A broken promise is an error of this scenario, so the run ends with exit status 3 and says which.

local SECOND = 1000000000
local fields = { wall = "integer", monotonic = "integer" }

local function expect(what, got, want)
    if math.abs(got - want) > 2 then -- drift is rounded to the nanosecond, twice
        error(string.format("%s: expected %d ns, saw %d ns", what, want, got), 0)
    end
end

-- What the clocks of a node show beyond what they showed at the first look, and beyond the true time.
local first = {}
local function errors_of(w, client)
    local shown = client:call { type = "clocks" }
    local now = math.floor(w:now() * SECOND + 0.5)
    local at = first[client.node]
    if at == nil then
        at = { wall = shown.wall - now, monotonic = shown.monotonic - now }
        first[client.node] = at
    end
    return shown.wall - now - at.wall, shown.monotonic - now - at.monotonic
end

local function story(w)
    local disturbed, quiet = w:client(0), w:client(1)

    local function see(what, wall, monotonic)
        local got_wall, got_monotonic = errors_of(w, disturbed)
        expect(what .. ": the wall clock", got_wall, wall)
        expect(what .. ": the monotonic clock", got_monotonic, monotonic)
        got_wall, got_monotonic = errors_of(w, quiet)
        expect(what .. ": the wall clock of another node", got_wall, 0)
        expect(what .. ": the monotonic clock of another node", got_monotonic, 0)
    end

    -- A nap in the true time that it took.
    local function nap(body)
        body.type = "nap"
        local from = w:now()
        disturbed:call(body)
        return math.floor((w:now() - from) * SECOND + 0.5)
    end

    see("at first", 0, 0)
    w:sleep(1)
    see("a second later", 0, 0)

    w:clock(0, { offset = "2s" })
    see("offset 2 s", 2 * SECOND, 0)
    w:clock(0, { offset = "-90s" })
    see("offset -90 s, in place of it", -90 * SECOND, 0)
    w:clock(0, { jump = "500ms" })
    see("a jump from there", -90 * SECOND + SECOND // 2, 0)
    w:clock(0, { jump = -0.25 })
    see("and back by half", -90 * SECOND + SECOND // 4, 0)
    w:clock(0)
    see("right again", 0, 0)

    w:clock(0, { drift = 100000 })
    w:sleep(10)
    see("10 s with a tenth too fast", SECOND, SECOND)
    expect("a nap of 1.1 s by a fast clock", nap { ns = SECOND + SECOND // 10 }, SECOND)
    w:clock(0, { drift = -100000 })
    w:sleep(11)
    see("as long with a tenth too slow", 0, 0)
    expect("a nap of 0.9 s by a slow clock", nap { ns = SECOND - SECOND // 10 }, SECOND)
    w:clock(0)
    see("right again after drifts: only the monotonic clock keeps its loss", 0, -SECOND // 10)

    w:spawn(function()
        w:sleep(1)
        w:clock(0, { jump = "8s" })
    end)
    expect("a wait until the wall clock shows 10 s more, which jumps by 8 s",
        nap { ns = 10 * SECOND, wall = 1 }, 2 * SECOND)
    w:spawn(function()
        w:sleep(1)
        w:clock(0, { offset = 0 })
    end)
    expect("the same by the monotonic clock", nap { ns = 3 * SECOND }, 3 * SECOND)

    w:clock(0, { offset = "1min" })
    w:kill(0)
    w:start(0)
    see("a minute ahead, and killed and started", 60 * SECOND, -SECOND // 10)
end

local done = false

return workload {
    name = "clock",
    summary = "What nodes see of faults of their clocks.",
    requests = { clocks = fields, nap = fields },
    timeout = function() return 60 end,
    op = function()
        if done then return nil end
        done = true
        return { f = "story" }
    end,
    invoke = function(w) story(w) end,
    check = { "stats" },
}
