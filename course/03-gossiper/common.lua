-- common.lua: what the scenarios of this track share.

local common = { AT_ONCE = "5ms", LOOK = "50ms" }

---------------------------------------------------------------------------------------------------
-- Shapes. A topology is a table: the name of a node -> the list of its neighbours.

local function empty(nodes)
    local topology = {}
    for _, name in ipairs(nodes) do topology[name] = array {} end
    return topology
end

local function join(topology, a, b)
    table.insert(topology[a], b)
    table.insert(topology[b], a)
end

function common.line(nodes)
    local topology = empty(nodes)
    for i = 2, #nodes do join(topology, nodes[i - 1], nodes[i]) end
    return topology
end

-- A square of width * width nodes.
function common.grid(nodes)
    local topology, width = empty(nodes), math.floor(math.sqrt(#nodes) + 0.5)
    for i = 1, #nodes do
        if i % width ~= 0 then join(topology, nodes[i], nodes[i + 1]) end
        if i + width <= #nodes then join(topology, nodes[i], nodes[i + width]) end
    end
    return topology
end

-- Each node has up to four children.
function common.tree4(nodes)
    local topology = empty(nodes)
    for i = 2, #nodes do join(topology, nodes[(i - 2) // 4 + 1], nodes[i]) end
    return topology
end

function common.edges(topology)
    local ends = 0
    for _, neighbours in pairs(topology) do ends = ends + #neighbours end
    return ends // 2
end

-- How many links lie between `from` and each node.
function common.hops(topology, from)
    local hops, queue, at = { [from] = 0 }, { from }, 1
    while queue[at] do
        for _, neighbour in ipairs(topology[queue[at]]) do
            if hops[neighbour] == nil then
                hops[neighbour] = hops[queue[at]] + 1
                queue[#queue + 1] = neighbour
            end
        end
        at = at + 1
    end
    return hops
end

---------------------------------------------------------------------------------------------------
-- Talking to nodes.

function common.set_topology(w, c, topology)
    w:all(w.nodes, function(node) c:ask(node, { type = "topology", topology = topology }, common.AT_ONCE) end)
end

function common.set_mode(w, c, body)
    body.type = "mode"
    w:all(w.nodes, function(node) c:ask(node, body, common.AT_ONCE) end)
end

function common.broadcast(c, node, value)
    return c:ask(node, { type = "broadcast", message = value }, common.AT_ONCE)
end

-- The values of a node: a table value -> true, and the list as it came.
function common.read(w, c, node)
    local call = c:begin(node, { type = "read" })
    local reply = call:wait(common.AT_ONCE)
    if reply == nil or type(reply.messages) ~= "table" then
        w:fail { what = "what " .. node .. " answers to read, within 5 ms", expected = "read_ok with messages",
            seen = reply and json_text(reply) or "no reply", about = call }
    end
    local held = {}
    for _, value in ipairs(reply.messages) do held[value] = true end
    return held, reply.messages, call
end

-- Fails unless the node holds all of these values at this moment.
function common.holds_all(w, c, node, values)
    local held, _, call = common.read(w, c, node)
    local missing = {}
    for _, value in ipairs(values) do
        if not held[value] then missing[#missing + 1] = json_text(value) end
    end
    if #missing > 0 then
        w:fail { what = "the values of " .. node, expected = "all " .. #values .. " values that were broadcast",
            seen = #missing .. " of them missing, the first is " .. missing[1], about = call }
    end
end

function common.all_hold_all(w, c, values, nodes)
    for _, node in ipairs(nodes or w.nodes) do common.holds_all(w, c, node, values) end
end

-- How many of these values each node holds, summed.
function common.held(w, c, values)
    local sum = 0
    for _, node in ipairs(w.nodes) do
        local held = common.read(w, c, node)
        for _, value in ipairs(values) do
            if held[value] then sum = sum + 1 end
        end
    end
    return sum
end

-- The elements of a replicated set, as its node reads them.
function common.elements(w, c, node)
    local reply = c:ask(node, { type = "read" }, common.AT_ONCE)
    if type(reply.value) ~= "table" then
        w:fail { what = "what " .. node .. " answers to read", expected = "read_ok with value, a list",
            seen = json_text(reply), about = node }
    end
    return reply.value
end

-- Fails unless the node reads exactly these, in any order, each once.
function common.reads(w, c, node, wanted)
    local open, seen = {}, common.elements(w, c, node)
    for _, element in ipairs(wanted) do open[element] = true end
    for _, element in ipairs(seen) do
        if not open[element] then
            w:fail { what = "the elements of " .. node, expected = "no " .. json_text(element) .. ", or only once",
                seen = json_text(seen), about = node }
        end
        open[element] = nil
    end
    for element in pairs(open) do
        w:fail { what = "the elements of " .. node, expected = json_text(element) .. " among them",
            seen = json_text(seen), about = node }
    end
end

---------------------------------------------------------------------------------------------------
-- When a value has reached everybody. Nodes may pack values as they like, so it is the sets that are read:
-- each node every LOOK. Times are right to that.

function common.watch(w)
    return { w = w, values = {}, open = {}, took = {}, count = 0 }
end

function common.note(watch, value)
    watch.count = watch.count + 1
    watch.open[value] = { begun = watch.w:now(), missing = #watch.w.nodes }
end

-- One look at all nodes.
function common.look(watch, c)
    local w = watch.w
    for _, node in ipairs(w.nodes) do
        local held = common.read(w, c, node)
        local before = watch.values[node] or {}
        watch.values[node] = before
        for value in pairs(held) do
            local state = not before[value] and watch.open[value]
            if state then
                before[value] = true
                state.missing = state.missing - 1
                if state.missing == 0 then
                    watch.took[#watch.took + 1] = w:now() - state.begun
                    watch.open[value] = nil
                end
            end
        end
    end
end

-- Median and maximum of the times, in milliseconds.
function common.times(watch)
    table.sort(watch.took)
    local function at(share) return math.floor((watch.took[math.ceil(#watch.took * share)] or 0) * 1000 + 0.5) end
    return at(0.5), at(1)
end

-- `rate` operations a second for a while, half broadcasts, half reads, on random nodes. Gives the values.
function common.work(w, c, rate, seconds, name, watch)
    local values = {}
    for i = 1, rate * seconds do
        local node = w:pick(w.nodes)
        if i % 2 == 0 then
            local value = name .. " " .. i
            values[#values + 1] = value
            if watch then common.note(watch, value) end
            common.broadcast(c, node, value)
        else
            c:ask(node, { type = "read" }, common.AT_ONCE)
        end
        w:sleep(1 / rate)
    end
    return values
end

-- The same under a watch, and a while longer: all values must be everywhere in the end.
function common.watched_work(w, c, rate, seconds, name, wait, look)
    local watch = common.watch(w)
    local handle = w:every(look or common.LOOK, function() common.look(watch, c) end)
    local values = common.work(w, c, rate, seconds, name, watch)
    w:sleep(wait)
    handle:off()
    common.look(watch, c)
    common.all_hold_all(w, c, values)
    return watch
end

function common.judge_times(w, watch, median_ms, longest_ms)
    local median, longest = common.times(watch)
    w:expect_at_most("milliseconds until a value was everywhere, in the middle of all", median, median_ms)
    w:expect_at_most("milliseconds until a value was everywhere, the longest", longest, longest_ms)
end

-- `count` partitions of 1 s into random halves, 300 ms apart.
function common.cut_often(w, count)
    for _ = 1, count do
        local mixed, sides = w:shuffle { table.unpack(w.nodes) }, { {}, {} }
        for i, node in ipairs(mixed) do table.insert(sides[i <= #mixed // 2 and 1 or 2], node) end
        w:partition(sides)
        w:sleep("1s")
        w:heal()
        w:sleep("300ms")
    end
end

---------------------------------------------------------------------------------------------------
-- A storm: the net is cut in every way there is, nodes stop for a while, nodes die and come back with nothing.

local shapes = {
    halves = function(w, mixed)
        w:partition { { table.unpack(mixed, 1, #mixed // 2) }, { table.unpack(mixed, #mixed // 2 + 1) } }
    end,
    isolated = function(w, mixed) w:partition { { mixed[1] }, { table.unpack(mixed, 2) } } end,
    bridge = function(w, mixed)          -- the last one hears both sides
        local half = #mixed // 2
        w:partition { { table.unpack(mixed, 1, half) }, { table.unpack(mixed, half + 1, #mixed - 1) } }
    end,
    ring = function(w, mixed)            -- everybody hears two others
        for i = 1, #mixed do
            for k = 1, #mixed do
                local distance = (k - i) % #mixed
                if distance > 1 and distance < #mixed - 1 then w:cut(mixed[i], mixed[k]) end
            end
        end
    end,
    one_way = function(w, mixed)         -- a third can hear the others, and is not heard
        local third = #mixed // 3
        w:cut({ table.unpack(mixed, 1, third) }, { table.unpack(mixed, third + 1) })
    end,
}

-- Goes on for so many seconds. storm.away: who cannot answer now. storm.forgot: who was killed at some time.
-- again(node) is called when a node has been started again.
function common.storm(w, seconds, again)
    local storm, till = { away = {}, forgot = {}, over = false }, w:now() + seconds
    local out = 0
    local function take_out(node)
        local dies = w:random(1, 2) == 1
        storm.away[node], out = true, out + 1
        w:sleep("6ms")                   -- who was asked in this instant answers yet
        if dies then
            storm.forgot[node] = true
            w:kill(node)
        else
            w:pause(node)
        end
        w:sleep(dies and 1 or 3)
        if dies then
            w:start(node)
            again(node)
        else
            w:resume(node)
        end
        w:sleep("5ms")
        storm.away[node], out = nil, out - 1
    end
    w:spawn(function()
        while w:now() < till do
            local mixed = w:shuffle { table.unpack(w.nodes) }
            shapes[w:pick { "halves", "isolated", "bridge", "ring", "one_way" }](w, mixed)
            if out == 0 and till - w:now() > 4 then
                local node = mixed[1]
                w:spawn(function() take_out(node) end)
            end
            w:sleep(w:random(500, 3000) / 1000)
            w:heal()
            w:sleep(w:random(0, 300) / 1000)
        end
        w:await("all nodes are back", "10s", function() return out == 0 end)
        storm.over = true
    end)
    return storm
end

function common.wait_over(w, storm)
    w:await("the storm is over", "60s", function() return storm.over end, "10ms")
end

-- A node that can answer.
function common.somebody(w, storm)
    local node
    repeat node = w:pick(w.nodes) until not storm.away[node]
    return node
end

---------------------------------------------------------------------------------------------------
-- Membership, as a node sees it.

-- The three lists of a node, each as a table name -> true.
function common.members(w, c, node)
    local call, lists = c:begin(node, { type = "members" }), {}
    local reply = call:wait(common.AT_ONCE) or {}
    for _, state in ipairs { "alive", "suspect", "dead" } do
        lists[state] = {}
        if reply.type ~= "members_ok" or type(reply[state]) ~= "table" then
            w:fail { what = "what " .. node .. " answers to members", seen = json_text(reply), about = call,
                expected = "members_ok with alive, suspect and dead, within 5 ms" }
        end
        local before
        for _, name in ipairs(reply[state]) do
            if before ~= nil and name <= before then
                w:fail { what = state .. " of " .. node, expected = "sorted by bytes, none twice",
                    seen = json_text(reply[state]), about = call }
            end
            before = name
            lists[state][name] = true
        end
    end
    return lists, call
end

-- Fails if one of these nodes lists one of those as something else than alive.
function common.nobody_accused(w, c, nodes, of)
    for _, node in ipairs(nodes) do
        local lists, call = common.members(w, c, node)
        for _, name in ipairs(of) do
            if not lists.alive[name] then
                w:fail { what = "what " .. node .. " says about " .. name .. ", which lives", expected = "alive",
                    seen = lists.suspect[name] and "suspect" or lists.dead[name] and "dead" or "nothing", about = call }
            end
        end
    end
end

-- Messages between nodes so far, since a time, or of an edge.
function common.between(w, filter)
    filter = filter or {}
    filter.from_kind, filter.to_kind = "node", "node"
    return w:count(filter)
end

return common
