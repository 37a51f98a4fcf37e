/* The disks of nodes: what a task asks of the cage, and the files themselves. */
#include "run_parts.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "../cage/cage_disk.h"
#include "../script/script.h"
#include "journal.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    FILE_READ_MAX = 256 << 20, /* bytes that w:read_file gives */
    DEPTH_MAX = 64,            /* folders inside each other */
};

void run_data_path(const struct run *r, uint32_t node, struct buf *path)
{
    const char *name = r->nodes[node].data;

    buf_addf(path, "%s/data/%s", r->config->dir, name != NULL ? name : r->config->node_names[node]);
}

void run_disk_moved(struct run *r, uint32_t node)
{
    struct buf path = {0};

    run_data_path(r, node, &path);
    cage_disk_move(r->cage, node, path.data);
    buf_release(&path);
}

/* ---- calls on the cage ---- */

static void counts(void *owner, uint32_t node, struct cage_disk_counts *ret_counts)
{
    struct run *r = owner;

    cage_disk_counts(r->cage, node, ret_counts);
}

static void trap(void *owner, uint32_t node, uint64_t nth)
{
    struct run *r = owner;

    cage_disk_trap(r->cage, node, nth);
}

static void fail(void *owner, uint32_t node, enum cage_disk_op op, uint64_t nth, int error)
{
    struct run *r = owner;

    cage_disk_fail(r->cage, node, op, nth, error);
}

static void limit(void *owner, uint32_t node, uint64_t bytes)
{
    struct run *r = owner;

    cage_disk_limit(r->cage, node, bytes);
}

static void cost(void *owner, uint32_t node, enum cage_disk_op op, int64_t ns)
{
    struct run *r = owner;

    cage_disk_cost(r->cage, node, op, ns);
}

static int lose_power(void *owner, uint32_t node, struct err *err)
{
    struct run *r = owner;

    journal_node(r->journal, world_now(r->world), run_node_name(r, node), "power-loss", "");
    return cage_disk_lose_power(r->cage, node, err);
}

static int rot(void *owner, uint32_t node, const struct cage_disk_rot *how, struct err *err)
{
    struct run *r = owner;
    char text[128];

    snprintf(text, sizeof(text), "%llu bytes from byte %llu of %.64s", (unsigned long long)how->len,
             (unsigned long long)how->offset, how->path);
    journal_node(r->journal, world_now(r->world), run_node_name(r, node), "rot", text);
    return cage_disk_rot(r->cage, node, how, err);
}

/* ---- files ---- */

static void add_file(struct script_files *files, const char *path, uint64_t bytes)
{
    files->list = mem_grow(files->list, &files->cap, files->len + 1, sizeof(*files->list));
    files->list[files->len++] = (struct script_file){mem_strdup(path), bytes};
}

/* path is the folder's; what is below comes with names from the node's folder on, which has
 * root_len bytes. Programs that nobody vouches for have made it: deeper than DEPTH_MAX nobody
 * looks.
 */
static void list_dir(struct buf *path, size_t root_len, int depth, struct script_files *files)
{
    DIR *dir = depth < DEPTH_MAX ? opendir(path->data) : NULL;
    struct dirent *entry;
    size_t len = path->len;
    struct stat s;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        buf_addf(path, "/%s", entry->d_name);
        if (lstat(path->data, &s) == 0 && S_ISDIR(s.st_mode))
            list_dir(path, root_len, depth + 1, files);
        else if (lstat(path->data, &s) == 0 && S_ISREG(s.st_mode))
            add_file(files, path->data + root_len + 1, (uint64_t)s.st_size);
        path->len = len;
        path->data[len] = 0;
    }
    if (dir != NULL)
        closedir(dir);
}

static int list(void *owner, uint32_t node, struct script_files *files, struct err *err)
{
    struct run *r = owner;
    struct buf path = {0};

    (void)err;
    run_data_path(r, node, &path);
    list_dir(&path, path.len, 0, files);
    buf_release(&path);
    return 0;
}

static int read_one(void *owner, uint32_t node, const char *name, struct buf *ret_content,
                    struct err *err)
{
    struct run *r = owner;
    struct buf path = {0};
    int status;

    run_data_path(r, node, &path);
    status = file_read_below(path.data, name, FILE_READ_MAX, ret_content, err);
    buf_release(&path);
    return status;
}

static int put(void *owner, uint32_t node, const char *name, struct str content, struct err *err)
{
    struct run *r = owner;
    struct buf path = {0};
    int status;

    run_data_path(r, node, &path);
    if (content.data == NULL)
        status = file_unlink_below(path.data, name, err);
    else if ((status = file_write_below(path.data, name, content, err)) == ERR_INPUT &&
             file_unlink_below(path.data, name, err) == 0) /* a link, which is not followed */
        status = file_write_below(path.data, name, content, err);
    cage_disk_forget(r->cage, node);
    journal_node(r->journal, world_now(r->world), run_node_name(r, node), "put-file", name);
    buf_release(&path);
    return status;
}

const struct script_disks run_script_disks = {
    .counts = counts,
    .trap = trap,
    .fail = fail,
    .limit = limit,
    .cost = cost,
    .lose_power = lose_power,
    .rot = rot,
    .list = list,
    .read = read_one,
    .put = put,
};
