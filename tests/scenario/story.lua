-- story.lua: one step for each thing that a scenario can do with real processes; node.py plays it.

return task {
    seeds = 2,
    part {
        name = "talk",
        nodes = 2, peers = 1, latency = "10ms",
        run = function(w)
            local c = w:client()

            w:step("echoes come back", function()
                for _, value in ipairs { 1, "x", 42, { 1, { a = null } } } do
                    local call = c:begin("n0", { type = "echo", echo = value })
                    w:expect("the echo", (call:wait("1ms") or {}).echo, value)
                    w:sleep("1ms")
                    w:expect("how many replies", #call.replies, 1, call)
                end
            end)

            w:step("a line in pieces, many lines in one write", function()
                local line, call = c:line("n0", { type = "echo", echo = "pieces" })
                for i = 1, #line do
                    w:write("n0", line:sub(i, i))
                    if i % 20 == 0 then w:sleep("10ms") end
                end
                w:expect("the echo", (call:wait("1ms") or {}).echo, "pieces")
                local text, calls = "", {}
                for i = 1, 20 do
                    local more, one = c:line("n0", { type = "echo", echo = i })
                    text, calls[i] = text .. more, one
                end
                w:write("n0", text)
                for i = 1, 20 do w:expect("echo " .. i, (calls[i]:wait("1ms") or {}).echo, i) end
            end)

            w:step("garbage does no harm", function()
                w:write("n0", "{ not json\n\xff\xfe\n\n[]\n{}\n")
                w:expect("the echo", c:ask("n0", { type = "echo", echo = 5 }, "1ms").echo, 5)
                c:refused("n0", { type = "no-such-request" }, 10)
            end)

            w:step("slow requests hold up nobody", function()
                local waits = {}
                for i = 1, 20 do waits[i] = c:begin("n1", { type = "wait", ms = 50 * i }) end
                for _ = 1, 10 do
                    c:ask("n1", { type = "echo", echo = 0 }, "1ms")
                    w:sleep("10ms")
                end
                for i, call in ipairs(waits) do
                    call:wait("2s")
                    local took = call.answered_at and call.answered_at - call.sent_at
                    w:expect_near("wait " .. i, took, 0.05 * i, 0.005, call)
                end
            end)

            w:step("a peer that answers in time, late, twice and never", function()
                w:play("n2", function(m, peer)
                    local how = m.body.how
                    if how == "never" then return end
                    if how == "late" then return peer:reply(m, { type = "p_ok", how = how }, "300ms") end
                    if how == "twice" then peer:reply(m, { type = "p_ok", how = how }) end
                    return { type = "p_ok", how = how }
                end)
                local function proxy(how)
                    return c:begin("n0", { type = "proxy", target = "n2", timeout_ms = 200,
                        inner = { type = "p", how = how } })
                end
                local calls = {}
                for _, how in ipairs { "now", "twice", "never", "late" } do calls[how] = proxy(how) end
                w:sleep(1)
                for how, call in pairs(calls) do
                    w:expect(how .. ": replies", #call.replies, 1, call)
                    if how == "now" or how == "twice" then
                        w:expect(how, call.reply.reply, { type = "p_ok", how = how }, call)
                        w:expect_near(how .. ": time", call.answered_at - call.sent_at, 0.02, 0.001, call)
                    else
                        w:expect(how, call.reply.code, 0, call)
                        w:expect_near(how .. ": time", call.answered_at - call.sent_at, 0.2, 0.005, call)
                    end
                end
            end)

            w:step("messages are counted from outside", function()
                w:expect("asked", w:count { from = "n0", to = "n2", type = "p" }, 4)
                w:expect("answered", w:count { to = "n0", type = "p_ok" }, 4)
                w:expect("nobody else", w:count { from = "n1", to_kind = "node" }, 0)
            end)

            w:step("equal ids of different clients are different requests", function()
                local a, b = w:client(), w:client()
                local function total(who)
                    return who:ask("n1", { type = "tally", amount = 5, msg_id = 7 }).total
                end
                w:expect("the first of a", total(a), 5)
                w:expect("the first of b", total(b), 10)
                w:expect("a again", total(a), 10)
                w:expect("b again", total(b), 10)
            end)
        end,
    },
    part {
        name = "life",
        nodes = 2,
        run = function(w)
            local c = w:client()

            w:step("data outlives a crash", function()
                c:ask("n0", { type = "put", value = 11 })
                w:restart("n0")
                w:expect("the value", c:ask("n0", { type = "get" }).value, "11")
                w:restart("n0", { data = "empty" })
                w:expect("another folder", c:ask("n0", { type = "get" }).value, null)
                w:restart("n0", { data = "of:n1" })
                c:ask("n1", { type = "put", value = 12 })
                w:expect("that of n1", c:ask("n0", { type = "get" }).value, "12")
            end)

            w:step("a node under another name", function()
                local name = w:restart("n0", { id = "eu-west-3" })
                local call = c:begin(name, { type = "echo", echo = 1 })
                call:wait("1ms")
                w:expect("from", call.from, "eu-west-3", call)
                w:restart(name, { id = "n0" })
            end)

            w:step("a pause takes time, and nothing is lost", function()
                w:pause("n0")
                local call = c:begin("n0", { type = "echo", echo = 1 })
                w:expect("while it is paused", call:wait("3s"), nil)
                w:resume("n0")
                w:expect("afterwards", (call:wait("1ms") or {}).echo, 1)
            end)

            w:step("after the end of input it answers what it owes, and ends well", function()
                local calls = {}
                for i = 1, 5 do calls[i] = c:begin("n1", { type = "wait", ms = 100 * i }) end
                w:close_stdin("n1")
                local status = w:await("it ends", "2s", function() return w:exit_status("n1") end)
                w:expect("status", status.code, 0)
                w:expect_near("when", status.at - calls[1].sent_at, 0.5, 0.005)
                for i, call in ipairs(calls) do w:expect("wait " .. i, call.reply ~= nil, true, call) end
                w:start("n1")
                c:ask("n1", { type = "echo", echo = 1 }, "1ms")
            end)

            w:step("what it used is measured", function()
                w:expect_between("seconds", w:usage("n0").cpu_s, 0.001, 100)
                w:expect_between("bytes", w:usage("n0").memory_bytes, 1000000, 1000000000)
            end)
        end,
    },
}
