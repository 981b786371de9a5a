package io.blendnet.protocol;

import java.util.List;

/**
 * Answer to {@code GET work/report?after=N&wait_seconds=S}: the reports after number N, or an empty
 * list when none came within S seconds.
 *
 * @param boot changes with every start of the agent; report numbers begin again at 1
 * @param last number of the last report in the list, or N
 */
public record ReportPage(String boot, long last, List<WorkReport> reports) {
  public ReportPage {
    reports = List.copyOf(reports);
  }
}
