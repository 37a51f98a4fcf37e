-- Task 3: closing time. No new work, what is in work is finished, patience has an end.

local common = require "common"

local GRACE = 2000

return task {
    seeds = 2,
    part {
        name = "closing", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            local c = w:client()
            local at, begun, down, second
            local idle, steady, half, all = {}, nil, nil, {}
            local finished, cut = 0, 0

            w:step("requests of one connection run side by side", function()
                at = common.listen(w, { proto = "work" })
                local s = common.connect(w, at)
                local sent = w:now()
                s:send("WORK a 200\nWORK b 50\nWORK c 100\n")
                for _, id in ipairs { "b", "c", "a" } do
                    common.receive(w, s, "the next answer", "DONE " .. id .. "\n")
                end
                w:expect_near("seconds for all three", w:now() - sent, 0.202, 0.003)
                s:close()
            end)

            w:step("a client that sends no more still gets its answers", function()
                local s = common.connect(w, at)
                s:send("WORK last 100\nWORK of 20\n")
                s:finish()
                local all, how = s:receive_all("1s")
                w:expect("the answers", all, "DONE of\nDONE last\n")
                w:expect("the end of the stream", how, "end")
            end)

            w:step("50 connections with up to 5 requests in work", function()
                for i = 1, 50 do
                    local s = common.connect(w, at)
                    local asked, last = {}, 0
                    for k = 1, i % 6 do
                        local ms = w:pick { w:random(10, 200), w:random(200, 1800), w:random(2300, 5000) }
                        asked[k] = { id = i .. "-" .. k, ms = ms }
                        s:send("WORK " .. i .. "-" .. k .. " " .. ms .. "\n")
                    end
                    all[i] = { socket = s, asked = asked, sent_at = w:now() }
                end
                half = common.connect(w, at)
                half:send("WORK half 1")
                steady = common.connect(w, at)
                steady:send("WORK steady 1000\nWORK half 5")
                w:sleep("5ms")
            end)

            w:step("after the shutdown new connections are refused at once", function()
                begun = w:now()
                down = c:begin("n0", { type = "shutdown", grace_ms = GRACE })
                w:allow_exit("n0")
                w:sleep("2ms")
                local s, why = w:connect(at)
                w:expect("a new connection", s == nil and why or "stands", "refused")
                second = c:begin("n0", { type = "shutdown", grace_ms = 100000 })
            end)

            w:step("connections without work are closed within 10 ms", function()
                for i = 6, 48, 6 do
                    common.ends(w, all[i].socket, "connection " .. i .. ", which has nothing in work", "8ms")
                end
                common.ends(w, half, "the connection with half a line", "8ms")
                w:expect("the one with work is still open", steady.ended or false, false)
            end)

            w:step("a request that comes now is answered CLOSED", function()
                steady:send("\nWORK new 5\n")
                common.receive(w, steady, "the answers", "CLOSED half\nCLOSED new\n", "10ms")
                common.receive(w, steady, "the answer to the old one", "DONE steady\n", "1s")
                common.ends(w, steady, "that connection", "10ms")
                finished = finished + 1
            end)

            w:step("what can end in time is answered before the close", function()
                w:sleep_until(begun + GRACE / 1000 + 0.1)
                for i, each in ipairs(all) do
                    local wanted = {}
                    for _, r in ipairs(each.asked) do
                        -- The request came 1 ms after it was sent; within 30 ms of the end both are right.
                        if each.sent_at + 0.001 + r.ms / 1000 < begun + 0.0001 then
                            wanted[#wanted + 1] = r
                        elseif each.sent_at + r.ms / 1000 < begun + GRACE / 1000 - 0.005 then
                            wanted[#wanted + 1] = r
                            finished = finished + 1
                        else
                            cut = cut + 1
                        end
                    end
                    table.sort(wanted, function(a, b) return a.ms < b.ms end)
                    local seen, count = each.socket:peek(), 0
                    for _ in seen:gmatch("\n") do count = count + 1 end
                    w:expect("answers on connection " .. i, count, #wanted)
                    for _, r in ipairs(wanted) do
                        w:expect("connection " .. i .. " was told DONE " .. r.id,
                            seen:find("DONE " .. r.id .. "\n", 1, true) ~= nil, true)
                    end
                    w:expect("how connection " .. i .. " ended", each.socket.broken or
                        (each.socket.ended and "end") or "it is still open", "end")
                end
            end)

            w:step("shutdown_ok comes at the end, with the right counts", function()
                for _, call in ipairs { down, second } do
                    local reply = call:wait("1ms")
                    if reply == nil then
                        w:fail { what = "the answer to shutdown", expected = "shutdown_ok", seen = "nothing", about = call }
                    end
                    w:expect("the type of the answer", reply.type, "shutdown_ok", call)
                    w:expect("requests finished", reply.finished, finished, call)
                    w:expect("requests cut", reply.cut, cut, call)
                    w:expect_between("seconds from the shutdown to its answer", call.answered_at - begun,
                        GRACE / 1000 - 0.002, GRACE / 1000 + 0.05, call)
                end
                local status = w:exit_status("n0")
                w:expect("the program has ended", status ~= nil, true)
                w:expect("its exit status", status.code, 0)
                w:expect_at_most("seconds from the shutdown to the end of the program", status.at - begun,
                    GRACE / 1000 + 0.05)
            end)
        end,
    },
    part {
        name = "sooner", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            local c = w:client()

            w:step("the program ends with its last request, and does not wait for the grace to pass", function()
                local at = common.listen(w, { proto = "work" })
                local s, idle = common.connect(w, at), common.connect(w, at)
                s:send("WORK a 300\n")
                w:sleep("5ms")
                local begun = w:now()
                local down = c:begin("n0", { type = "shutdown", grace_ms = 60000 })
                w:allow_exit("n0")
                common.receive(w, s, "the answer", "DONE a\n")
                common.ends(w, s, "the connection", "10ms")
                common.ends(w, idle, "the idle connection", "1ms")
                local reply = down:wait("20ms") or {}
                w:expect("the type of the answer", reply.type, "shutdown_ok", down)
                w:expect("requests finished and cut", { reply.finished, reply.cut }, { 1, 0 }, down)
                local status = w:await("the program ends", "20ms", function() return w:exit_status("n0") end)
                w:expect("its exit status", status.code, 0)
            end)
        end,
    },
    part {
        name = "slow reader", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            local c = w:client()

            w:step("answers that wait for a slow reader are sent before the end", function()
                local at = common.listen(w, { proto = "work" })
                local s = common.connect(w, at)
                local count, pad = 8000, ("x"):rep(2000)
                s:hold()
                local lines = {}
                for i = 1, count do lines[i] = "WORK " .. pad .. i .. " 100\n" end
                s:send(table.concat(lines))
                w:sleep("50ms")
                local down = c:begin("n0", { type = "shutdown", grace_ms = 5000 })
                w:allow_exit("n0")
                w:sleep("1s")
                w:expect("the program is still there", w:exit_status("n0") == nil, true)
                s:go_on()
                local all, how = s:receive_all("1s")
                w:expect("bytes of the answers", #all, count * (2000 + 6) + #table.concat(lines) - count * (2000 + 10))
                w:expect("the end of the stream", how, "end")
                local reply = down:wait("20ms") or {}
                w:expect("requests finished and cut", { reply.finished, reply.cut }, { count, 0 }, down)
            end)
        end,
    },
}
