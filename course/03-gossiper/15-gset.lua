-- Task 15: a set that only grows, with its merge laid open.

local common = require "common"

local NODES, RATE, SECONDS, TRIPLES = 7, 20, 20, 100

local function merge(c, left, right)
    local reply = c:ask("n0", { type = "merge", left = { elements = left }, right = { elements = right } }, common.AT_ONCE)
    return type(reply.state) == "table" and reply.state.elements
end

-- A sorted list without repetition: integers by size, then texts by bytes.
local function random_state(w)
    local numbers, texts, state, seen = {}, {}, array {}, {}
    for _ = 1, w:random(0, 6) do
        local n = w:random(1, 12)
        if w:random(1, 2) == 1 then
            numbers[#numbers + 1] = n
        else
            texts[#texts + 1] = tostring(n)
        end
    end
    table.sort(numbers)
    table.sort(texts)
    for _, list in ipairs { numbers, texts } do
        for _, element in ipairs(list) do
            if not seen[element] then table.insert(state, element) end
            seen[element] = true
        end
    end
    return state
end

local function join(a, b)
    local list, seen = array {}, {}
    for _, state in ipairs { a, b } do
        for _, element in ipairs(state) do
            if not seen[element] then table.insert(list, element) end
            seen[element] = true
        end
    end
    table.sort(list, function(x, y)
        if type(x) ~= type(y) then return type(x) == "number" end
        return x < y
    end)
    return list
end

return task {
    seeds = 2,
    part { name = "laws", nodes = 1, run = function(w)
        local c = w:client()
        common.set_mode(w, c, { mode = "set" })

        w:step("what is added is read: integers, texts, and neither twice", function()
            local added = { 1, "1", "", "a", -5, 9007199254740991, "é", 1, "a" }
            for _, element in ipairs(added) do
                c:ask("n0", { type = "add", element = element }, common.AT_ONCE)
            end
            common.reads(w, c, "n0", { 1, "1", "", "a", -5, 9007199254740991, "é" })
        end)

        w:step("a merge holds both sides, sorted, each element once", function()
            for _ = 1, TRIPLES do
                local a, b = random_state(w), random_state(w)
                w:expect("the merge of " .. json_text(a) .. " and " .. json_text(b), merge(c, a, b), join(a, b))
            end
        end)

        w:step("merging is commutative, associative and idempotent", function()
            for _ = 1, TRIPLES do
                local x, y, z = random_state(w), random_state(w), random_state(w)
                local xy = merge(c, x, y)
                w:expect("y with x, and x with y", merge(c, y, x), xy)
                w:expect("(x with y) with z, and x with (y with z)", merge(c, xy, z), merge(c, x, merge(c, y, z)))
                w:expect("x with itself", merge(c, x, x), x)
            end
        end)

        w:step("to merge states of others does not change the node's own set", function()
            common.reads(w, c, "n0", { 1, "1", "", "a", -5, 9007199254740991, "é" })
        end)
    end },

    part { name = "storm", nodes = NODES, latency = "10ms", run = function(w)
        local c, storm, added = w:client(), nil, {}
        common.set_mode(w, c, { mode = "set" })

        w:step("every live node takes every element at once, whatever the net does", function()
            storm = common.storm(w, SECONDS, function(node)
                c:ask(node, { type = "mode", mode = "set" }, common.AT_ONCE)
            end)
            local number = 0
            while not storm.over do
                local node = common.somebody(w, storm)
                number = number + 1
                local element = number % 2 == 0 and number or "element " .. number
                c:ask(node, { type = "add", element = element }, common.AT_ONCE)
                added[#added + 1] = { node = node, element = element }
                w:sleep(1 / RATE)
            end
        end)

        w:step("3 s later all nodes are equal, and nothing that a node took which was not killed is missing", function()
            w:sleep("3s")
            local held, first = {}, common.elements(w, c, "n0")
            for _, element in ipairs(first) do held[element] = true end
            for _, a in ipairs(added) do
                if not held[a.element] and not storm.forgot[a.node] then
                    w:fail { what = "the elements of n0", expected = json_text(a.element) .. ", which " .. a.node ..
                        " took, and it was never killed", seen = "not there", about = a.node }
                end
            end
            for _, node in ipairs(w:others("n0")) do common.reads(w, c, node, first) end
        end)
    end },
}
