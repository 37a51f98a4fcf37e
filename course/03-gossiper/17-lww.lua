-- Task 17: registers in which the last writer wins, with clocks that are wrong.

local common = require "common"

local NODES = 5
local LEFT, RIGHT = { "n0", "n1" }, { "n2", "n3", "n4" }

local function write(c, node, key, value)
    c:ask(node, { type = "write", key = key, value = value }, common.AT_ONCE)
end

local function delete(c, node, key) c:ask(node, { type = "delete", key = key }, common.AT_ONCE) end

-- nil: there is none.
local function read(w, c, node, key)
    local call = c:begin(node, { type = "read", key = key })
    local reply = call:wait(common.AT_ONCE) or {}
    if reply.type ~= "read_ok" and not (reply.type == "error" and reply.code == 20) then
        w:fail { what = "what " .. node .. " answers to read", expected = "read_ok, or error 20, within 5 ms",
            seen = json_text(reply), about = call }
    end
    return reply.type == "read_ok" and reply.value or nil, call
end

local function all_read(w, c, key, wanted)
    for _, node in ipairs(w.nodes) do
        local seen, call = read(w, c, node, key)
        w:expect("what " .. node .. " reads for " .. key, seen, wanted, call)
    end
end

return task {
    nodes = NODES,
    latency = "10ms",
    seeds = 3,
    run = function(w)
        local c = w:client()
        local ahead, behind = "n1", "n3"
        common.set_mode(w, c, { mode = "lww" })
        w:clock(ahead, { offset = "300ms" })
        w:clock(behind, { offset = "-300ms" })

        w:step("a written value is read at once where it was written, and everywhere a second later", function()
            c:refused("n0", { type = "read", key = "none" }, 20, common.AT_ONCE)
            for i, node in ipairs(w.nodes) do
                write(c, node, "own " .. i, { i, "x" })
                w:expect("the value just written", (read(w, c, node, "own " .. i)), { i, "x" })
                write(c, node, "own " .. i, i)
                w:expect("the value just written over it", (read(w, c, node, "own " .. i)), i)
            end
            w:sleep("1s")
            for i = 1, NODES do all_read(w, c, "own " .. i, i) end
        end)

        w:step("who has read a value and writes over it is never behind it, whatever the clocks say", function()
            for i = 1, 5 do
                local key = "causal " .. i
                write(c, ahead, key, "old")
                w:await("the other node reads the value", "1s", function() return read(w, c, behind, key) end, "5ms")
                write(c, behind, key, "new")
                w:sleep("1s")
                all_read(w, c, key, "new")
            end
        end)

        w:step("deleted after it was read is deleted, whatever the clocks say", function()
            write(c, ahead, "gone", "old")
            w:await("the other node reads the value", "1s", function() return read(w, c, behind, "gone") end, "5ms")
            delete(c, behind, "gone")
            w:sleep("1s")
            all_read(w, c, "gone", nil)
            write(c, behind, "gone", "again")
            w:sleep("1s")
            all_read(w, c, "gone", "again")
        end)

        w:step("written in the same instant: all nodes agree on one of the two", function()
            w:clock(ahead, { offset = 0 })
            w:clock(behind, { offset = 0 })
            w:sleep("1s")
            for i = 1, 20 do
                local key, one, other = "tie " .. i, w:pick(LEFT), w:pick(RIGHT)
                w:all({ one, other }, function(node) write(c, node, key, node) end)
            end
            w:sleep("1s")
            for i = 1, 20 do
                local final = read(w, c, "n0", "tie " .. i)
                all_read(w, c, "tie " .. i, final)
            end
        end)

        w:step("3 s after a cut all agree, on something that nobody has knowingly overwritten", function()
            local last = {}                     -- what each side wrote last, by key
            w:partition { LEFT, RIGHT }
            for _ = 1, 120 do
                local key, left = "busy " .. w:random(1, 20), w:random(1, 2) == 1
                local node = w:pick(left and LEFT or RIGHT)
                local value = left and "left " .. w:random(1, 1000000) or "right " .. w:random(1, 1000000)
                last[key] = last[key] or {}
                last[key][left and "left" or "right"] = value
                write(c, node, key, value)
                w:sleep("100ms")                -- so that its side knows
            end
            w:heal()
            w:sleep("3s")
            for key, values in pairs(last) do
                local final, call = read(w, c, "n0", key)
                if final ~= values.left and final ~= values.right then
                    w:fail { what = "the final value of " .. key, seen = json_text(final), about = call,
                        expected = json_text(values.left) .. " or " .. json_text(values.right) ..
                            ", which each side wrote last" }
                end
                all_read(w, c, key, final)
            end
        end)

        w:step("who was away for a long time does not bring back what was deleted", function()
            write(c, "n0", "ghost", "alive")
            w:sleep("1s")
            w:partition { { "n4" }, { "n0", "n1", "n2", "n3" } }
            delete(c, "n0", "ghost")
            w:sleep("60s")
            w:heal()
            w:sleep("3s")
            all_read(w, c, "ghost", nil)
        end)
    end,
}
