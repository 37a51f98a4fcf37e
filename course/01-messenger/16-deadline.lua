-- Task 16: the time left travels along a chain. Links take 20 ms; n6 is played here and never answers.

local common = require "common"

local LINK_MS = 20

-- Milliseconds that a chain of so many nodes needs.
local function need_ms(count, work_ms) return count * work_ms + (count - 1) * 2 * LINK_MS end

return task {
    nodes = 6,
    peers = 1,
    latency = LINK_MS .. "ms",
    run = function(w)
        local c, book = w:client(), common.book()
        w:play("n6", function() return nil end)

        -- A chain of these nodes, the first of which the client asks.
        local function visit(nodes, work_ms, deadline_ms)
            local path = array {}
            for i = 2, #nodes do path[i - 1] = nodes[i] end
            return common.note(book, c:begin(nodes[1], { type = "visit", path = path, work_ms = work_ms,
                deadline_ms = deadline_ms }))
        end

        local function some(count)
            local nodes = w:shuffle(w.nodes)
            for i = #nodes, count + 1, -1 do nodes[i] = nil end
            return nodes
        end

        local function expect_success(nodes, work_ms, deadline_ms)
            local call = visit(nodes, work_ms, deadline_ms)
            local reply = common.is_ok(w, call, common.after(w, call, need_ms(#nodes, work_ms), #nodes))
            w:expect("the nodes that have worked", reply.visited, nodes, call)
        end

        -- Error 0, at the latest 10 ms after the deadline.
        local function expect_refusal(nodes, work_ms, deadline_ms)
            local call = visit(nodes, work_ms, deadline_ms)
            local reply = call:wait((deadline_ms + 10) / 1000)
            if reply == nil then
                w:fail { what = "the client hears by its deadline", expected = "a reply by " ..
                    deadline_ms .. " ms + 10", seen = "none", about = call }
            end
            return common.is_error(w, call, reply, 0)
        end

        w:step("clocks differ by up to ten minutes", function()
            for _, node in ipairs(w.nodes) do
                w:clock(node, { offset = w:pick { "", "-" } .. w:random(1, 600) .. "s" })
                common.echo(w, book, c, node)
            end
        end)

        w:step("one node works and answers", function()
            expect_success(some(1), 30, 100)
            expect_success(some(1), 0, 0)
            expect_success(some(1), 50, 50)
        end)

        w:step("enough time means success, for chains of 1 to 6 nodes", function()
            for count = 1, 6 do
                for _, work_ms in ipairs { 0, w:random(1, 30), w:random(30, 200) } do
                    expect_success(some(count), work_ms, need_ms(count, work_ms) + 10)
                    expect_success(some(count), work_ms, need_ms(count, work_ms) * 3 + 10)
                end
            end
        end)

        w:step("who cannot finish says so at once", function()
            for _ = 1, 5 do
                local work_ms = w:random(20, 100)
                local call = visit(some(w:random(1, 6)), work_ms, work_ms - w:random(1, 10))
                common.is_error(w, call, common.at_once(w, call), 0)
            end
        end)

        w:step("too little time: error 0, and not after the deadline", function()
            for count = 2, 6 do
                for _ = 1, 4 do
                    local work_ms = w:random(1, 100)
                    local need = need_ms(count, work_ms)
                    expect_refusal(some(count), work_ms, need - 5)
                    expect_refusal(some(count), work_ms, w:random(0, need - 5))
                end
            end
        end)

        w:step("a member that never answers costs no more than the deadline", function()
            for place = 2, 6 do
                local nodes = some(5)
                table.insert(nodes, place, "n6")
                expect_refusal(nodes, w:random(1, 20), w:random(200, 400))
            end
        end)

        -- The visit that a node received before it sent this one on: the one whose path continues with its
        -- receiver.
        local function cause_of(m, received)
            for i = #received, 1, -1 do
                local before = received[i]
                local path = before.body.path
                if before.to == m.from and before.received_at <= m.sent_at and path[1] == m.to and
                    #path == #m.body.path + 1 then
                    return before
                end
            end
        end

        local function check_handed_on(m, before)
            local edge = "deadline_ms from " .. m.from .. " to " .. m.to
            local used = common.ms(before.received_at, m.sent_at)
            local received = before.body.deadline_ms
            w:expect_at_most(string.format("%s (received %s, used %.3g ms)", edge, json_text(received), used),
                m.body.deadline_ms, received - used + 1, { before, m })
            w:expect_at_least(edge .. ", which works " .. m.body.work_ms .. " ms", m.body.deadline_ms,
                math.max(m.body.work_ms, 0.001), { before, m })
        end

        w:step("a node hands on what is left, and never less than the next one needs", function()
            w:sleep("1s")
            local received = {}
            for _, m in ipairs(w:sent { type = "visit" }) do
                if m.from:find("^n") then
                    local before = cause_of(m, received)
                    if before == nil then
                        w:fail { what = "a visit from " .. m.from .. " to " .. m.to,
                            expected = "one that it was asked for", seen = json_text(m.body), about = m }
                    end
                    check_handed_on(m, before)
                end
                if m.received_at then received[#received + 1] = m end
            end
        end)

        common.exactly_one_reply(w, book)
    end,
}
