package io.blendnet.storage;

import java.util.List;

/**
 * The tables of a farm. Times are nanoseconds since 1970, durations nanoseconds. A step that has
 * been released is never changed; a change of the tables is a new step.
 */
final class FarmSchema {
  /** "BlNd". */
  static final int APPLICATION_ID = 0x426C4E64;

  private static final String FIRST =
      """
      CREATE TABLE task (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        version INTEGER NOT NULL,
        state TEXT NOT NULL,
        created INTEGER NOT NULL,
        started INTEGER,
        ended INTEGER,
        error TEXT,
        preview TEXT,
        render TEXT,
        compose TEXT
      ) STRICT;
      CREATE INDEX task_by_state ON task (state, name);
      CREATE INDEX task_by_preview ON task (preview) WHERE preview IS NOT NULL;
      CREATE INDEX task_by_render ON task (render) WHERE render IS NOT NULL;
      CREATE INDEX task_by_compose ON task (compose) WHERE compose IS NOT NULL;

      -- Beside the task: long texts that seldom change, while states and times do.
      CREATE TABLE task_text (
        task INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
        config TEXT NOT NULL,
        plan TEXT NOT NULL
      ) STRICT;

      CREATE TABLE file (
        task INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        path TEXT NOT NULL,
        blob TEXT NOT NULL,
        PRIMARY KEY (task, path)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX file_by_blob ON file (blob);

      CREATE TABLE delivery (
        task INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        y INTEGER NOT NULL,
        x INTEGER NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        sample_first INTEGER NOT NULL,
        sample_end INTEGER NOT NULL,
        rendered_x INTEGER NOT NULL,
        rendered_y INTEGER NOT NULL,
        rendered_width INTEGER NOT NULL,
        rendered_height INTEGER NOT NULL,
        lease INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        agent TEXT NOT NULL,
        blob TEXT NOT NULL,
        stored INTEGER NOT NULL,
        sync INTEGER NOT NULL,
        render INTEGER NOT NULL,
        save INTEGER NOT NULL,
        read_back INTEGER NOT NULL,
        PRIMARY KEY (task, y, x, width, height, sample_first, sample_end)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX delivery_by_blob ON delivery (blob);

      CREATE TABLE message (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        task INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        work TEXT NOT NULL,
        at INTEGER NOT NULL,
        line TEXT NOT NULL
      ) STRICT;
      CREATE INDEX message_by_task ON message (task, number);

      CREATE TABLE agent (
        name TEXT PRIMARY KEY,
        address TEXT NOT NULL,
        port INTEGER NOT NULL,
        user TEXT NOT NULL,
        password TEXT NOT NULL,
        authority TEXT,
        created INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      """;

  /** Leases outlive the Manager; tasks have a rank and can be held back; machines can be rented. */
  private static final String SECOND =
      """
      ALTER TABLE task ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE task ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE agent ADD COLUMN rented INTEGER NOT NULL DEFAULT 0;

      CREATE TABLE lease (
        id INTEGER PRIMARY KEY,
        task INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
        agent TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        -- A line for each cell: x, y, width, height, first sample, end of samples. They come and
        -- go with the lease, and nothing looks for one.
        cells TEXT NOT NULL
      ) STRICT;
      CREATE INDEX lease_by_task ON lease (task);
      """;

  static final List<String> STEPS = List.of(FIRST, SECOND);

  private FarmSchema() {}
}
