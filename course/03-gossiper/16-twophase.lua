-- Task 16: a set from which elements can be removed, once and for ever.

local common = require "common"

local NODES, TRIPLES = 5, 60
local LEFT, RIGHT = { "n0", "n1" }, { "n2", "n3", "n4" }

local function add(c, node, element) c:ask(node, { type = "add", element = element }, common.AT_ONCE) end
local function remove(c, node, element) c:ask(node, { type = "remove", element = element }, common.AT_ONCE) end

local function all_read(w, c, elements, nodes)
    for _, node in ipairs(nodes or w.nodes) do common.reads(w, c, node, elements) end
end

local function list(w)
    local state = array {}
    for n = 1, 8 do
        if w:random(1, 3) == 1 then table.insert(state, n) end
    end
    return state
end

local function random_state(w) return { added = list(w), removed = list(w) } end

local function merge(c, left, right)
    return c:ask("n0", { type = "merge", left = left, right = right }, common.AT_ONCE).state
end

return task {
    nodes = NODES,
    latency = "10ms",
    seeds = 2,
    run = function(w)
        local c = w:client()
        common.set_mode(w, c, { mode = "2p" })

        w:step("added, removed, gone", function()
            add(c, "n0", "a")
            add(c, "n0", "b")
            add(c, "n0", 1)
            remove(c, "n0", "a")
            common.reads(w, c, "n0", { "b", 1 })
            c:refused("n0", { type = "remove", element = "a" }, 20, common.AT_ONCE)
            c:refused("n0", { type = "add", element = "a" }, 22, common.AT_ONCE)
            w:sleep("2s")
            all_read(w, c, { "b", 1 })
        end)

        w:step("what a node has not seen cannot be removed there", function()
            c:refused("n3", { type = "remove", element = "never" }, 20, common.AT_ONCE)
            c:refused("n3", { type = "remove", element = "1" }, 20, common.AT_ONCE)
            w:partition { LEFT, RIGHT }
            add(c, "n0", "left only")
            w:sleep("2s")
            c:refused("n4", { type = "remove", element = "left only" }, 20, common.AT_ONCE)
            w:heal()
            w:sleep("2s")
            all_read(w, c, { "b", 1, "left only" })
        end)

        w:step("removed on one side of a cut, read and added again on the other: removed wins", function()
            w:partition { LEFT, RIGHT }
            remove(c, "n1", "b")
            common.reads(w, c, "n1", { 1, "left only" })
            common.reads(w, c, "n2", { "b", 1, "left only" })
            add(c, "n2", "b")
            add(c, "n4", "right")
            remove(c, "n4", "left only")
            w:sleep("2s")
            w:heal()
            w:sleep("3s")
            all_read(w, c, { 1, "right" })
            for _, node in ipairs(w.nodes) do
                c:refused(node, { type = "add", element = "b" }, 22, common.AT_ONCE)
            end
        end)

        w:step("who was away for a long time does not bring back what was removed", function()
            w:partition { { "n4" }, { "n0", "n1", "n2", "n3" } }
            remove(c, "n0", "right")
            w:sleep("60s")
            w:heal()
            w:sleep("3s")
            all_read(w, c, { 1 })
        end)

        w:step("forty elements come and go on both sides, and all nodes agree with the model", function()
            local removed, wanted = {}, { 1 }
            for round = 1, 2 do
                if round == 2 then w:partition { LEFT, RIGHT } end
                for i = 1, 40 do
                    local node = w:pick(w.nodes)
                    if round == 1 then
                        add(c, node, "item " .. i)
                    elseif w:random(1, 2) == 1 then
                        remove(c, node, "item " .. i)
                        removed[i] = true
                    end
                end
                w:sleep("2s")
            end
            w:heal()
            w:sleep("3s")
            for i = 1, 40 do
                if not removed[i] then wanted[#wanted + 1] = "item " .. i end
            end
            all_read(w, c, wanted)
        end)

        w:step("merging is commutative, associative and idempotent, and holds both sides", function()
            for _ = 1, TRIPLES do
                local x, y, z = random_state(w), random_state(w), random_state(w)
                local xy, has = merge(c, x, y), {}
                w:expect("y with x, and x with y", merge(c, y, x), xy)
                w:expect("(x with y) with z, and x with (y with z)", merge(c, xy, z), merge(c, x, merge(c, y, z)))
                w:expect("x with itself", merge(c, x, x), x)
                for _, field in ipairs { "added", "removed" } do
                    has[field] = {}
                    for _, element in ipairs(xy[field] or {}) do has[field][element] = true end
                    for _, side in ipairs { x, y } do
                        for _, element in ipairs(side[field]) do
                            w:expect(element .. " in " .. field .. " of the merge of " .. json_text(x) .. " and " ..
                                json_text(y), has[field][element], true)
                        end
                    end
                end
            end
        end)
    end,
}
