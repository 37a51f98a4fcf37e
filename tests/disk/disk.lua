-- The power fails at each change of the disk in turn. What was acknowledged is there afterwards, in order and whole; one
-- record that was under way may be there as well.

local CHANGES_MAX = 60

local function record(i) return ("record %d "):format(i) .. ("x"):rep(700) end

local function append_until(w, c, is_over)
    local acked = 0
    for i = 1, 5 do
        if is_over() then break end
        local reply = c:call("n0", { type = "append", data = record(i) }, "200ms")
        if reply and reply.type == "append_ok" then acked = i else break end
    end
    return acked
end

local function judge(w, c, acked)
    local records = c:ask("n0", { type = "read" }).records
    w:expect_between("how many records there are", #records, acked, acked + 1)
    for i, text in ipairs(records) do w:expect("record " .. i, text, record(i)) end
end

return task {
    seeds = 3,
    part {
        name = "sweep", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("what was acknowledged survives a loss of power at every change", function()
                local reached = true
                for nth = 1, CHANGES_MAX do
                    if not reached then break end
                    w:kill("n0")
                    w:start("n0", { data = "empty" })
                    local lost = false
                    local trap = w:at_change("n0", nth, function() w:lose_power("n0"); lost = true end)
                    local acked = append_until(w, c, function() return lost end)
                    trap:off()
                    reached = trap.reached
                    if not reached then w:lose_power("n0") end
                    w:start("n0")
                    judge(w, c, acked)
                end
                w:expect("the story came to its end", reached, false)
            end)
        end,
    },
    part {
        name = "failed sync", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a failed sync is not believed", function()
                c:ask("n0", { type = "append", data = record(1) })
                w:allow_exit("n0")
                w:disk_fail("n0", { call = "sync", error = "EIO" })
                local reply = c:call("n0", { type = "append", data = record(2) }, "200ms")
                local acked = reply and reply.type == "append_ok" and 2 or 1
                w:lose_power("n0")
                w:start("n0")
                judge(w, c, acked)
            end)
        end,
    },
    part {
        name = "short and full", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a short write is completed", function()
                w:disk_fail("n0", { call = "write", error = "short" })
                c:ask("n0", { type = "append", data = record(1) })
                w:restart("n0")
                judge(w, c, 1)
            end)
            w:step("a full disk is no answer", function()
                w:allow_exit("n0")
                w:disk_limit("n0", 1000)
                local reply = c:call("n0", { type = "append", data = record(2) }, "200ms")
                w:expect("it says that it is stored", reply ~= nil and reply.type == "append_ok", false)
                w:disk_limit("n0", nil)
                w:lose_power("n0")
                w:start("n0")
                judge(w, c, 1)
            end)
        end,
    },
    part {
        name = "rot", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a record that has rotted is cut off", function()
                c:ask("n0", { type = "append", data = record(1) })
                c:ask("n0", { type = "append", data = record(2) })
                local bytes = w:files("n0")[1].bytes
                w:expect("the file is what was written", #w:read_file("n0", "log"), bytes)
                w:kill("n0")
                w:rot("n0", "log", { offset = bytes - 2 })
                w:start("n0")
                local records = c:ask("n0", { type = "read" }).records
                w:expect("records that are whole", records, { record(1) })
            end)
            w:step("counts are of this node's calls", function()
                local before = w:disk("n0")
                c:ask("n0", { type = "append", data = record(2) })
                local after = w:disk("n0")
                w:expect("syncs", after.syncs - before.syncs, 1)
                w:expect_between("bytes written", after.bytes_written - before.bytes_written, 700, 732)
                w:expect("no file is mapped", after.mapped, false)
            end)
        end,
    },
}
