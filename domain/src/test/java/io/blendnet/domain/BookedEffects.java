package io.blendnet.domain;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Books what a farm says, and holds it to what it may say. */
final class BookedEffects {
  static final Pattern SET_ASIDE =
      Pattern.compile("Agent (\\S+) gets no more of this task: (.*)", Pattern.DOTALL);

  private static final Pattern MISFIT =
      Pattern.compile("has Blender .*|opens the scene with .*", Pattern.DOTALL);

  private final FarmBooks books;
  private final FarmRules rules;
  private long latestLease;

  BookedEffects(FarmBooks books, FarmRules rules) {
    this.books = books;
    this.rules = rules;
  }

  void book(Effect effect, CellLooks looks) {
    switch (effect) {
      case Effect.Grant(Lease lease) -> grant(lease);
      case Effect.Revoke(AgentName name, LeaseId id, int attempt) -> {
        books.live(name, id, attempt).ifPresent(books::end);
        books
            .lapsed(name, id, attempt)
            .ifPresent(held -> {
              books.change(books.agent(name));
              books.agent(name).lapsed.remove(id);
            });
      }
      case Effect.Steal steal -> steal(steal);
      case Effect.Forget(AgentName _, LeaseId id) ->
          Surprise.unless(
              books.rows.remove(id) != null, "A lease is forgotten that is not known", id);
      case Effect.Plan(TaskName name, FramePlan plan) -> plan(books.task(name), plan);
      case Effect.Keep keep -> keep(keep, looks);
      case Effect.Drop _ -> {}
      case Effect.Assemble(TaskName name) -> {
        BookedTask task = books.task(name);
        books.change(task);
        Surprise.unless(task.state == TaskState.RUNNING, "Assembled though it does not run", name);
        Surprise.unless(
            task.phase == BookedTask.Phase.RENDERING, "Assembled though it is not due", name);
        FrameBooks frame = task.frame.orElseThrow();
        Surprise.unless(frame.storedWork() == frame.work(), "Assembled too early", name);
        task.phase = BookedTask.Phase.ASSEMBLING;
      }
      case Effect.Enter(TaskName name, TaskState state, String reason) -> {
        BookedTask task = books.task(name);
        books.change(task);
        Surprise.unless(
            task.state.mayBecome(state), "A state may not follow another", name, task.state, state);
        Surprise.unless(!reason.isBlank(), "A task changes its state for no reason", name, state);
        task.state = state;
      }
      case Effect.Note(TaskName name, String message) -> {
        Surprise.unless(books.isActive(name), "A note on a task that is not active", name);
        Matcher aside = SET_ASIDE.matcher(message);
        if (aside.matches()) {
          AgentName agent = new AgentName(aside.group(1));
          books.task(name).setAside.put(agent, MISFIT.matcher(aside.group(2)).matches());
          books.change(books.task(name));
        }
      }
      case Effect.SetAside(AgentName name, String _) -> {
        books.change(books.agent(name));
        books.agent(name).isSetAside = true;
      }
      case Effect.GiveBack(AgentName name, String _) -> {
        BookedAgent agent = books.agent(name);
        books.change(agent);
        Surprise.unless(
            agent.machine.filter(AgentMachine::rented).isPresent()
                && agent.presence == AgentWork.Presence.HERE
                && !agent.isTerminating
                && agent.live.isEmpty()
                && books.now.minus(agent.idleSince).compareTo(rules.agentIdle()) >= 0,
            "An agent is given back that is not idle, or not for long",
            name,
            agent.idleSince,
            books.now);
        agent.isTerminating = true;
      }
    }
  }

  private void grant(Lease lease) {
    BookedTask task = books.task(lease.task());
    BookedAgent agent = books.agent(lease.agent());
    Surprise.unless(lease.id().value() > latestLease, "A lease has no new number", lease);
    latestLease = lease.id().value();
    Surprise.unless(lease.attempt() >= 1, "An attempt is numbered from 1", lease);
    Surprise.unless(agent.isUsable(), "A lease for an agent that is not to work", lease);
    Surprise.unless(task.state == TaskState.RUNNING, "A lease of a task not running", lease);
    Surprise.unless(!task.isPaused, "A lease of a paused task", lease);
    Surprise.unless(
        !task.setAside.containsKey(agent.name), "A lease for an agent set aside", lease);
    Surprise.unless(task.hasRoomFor(agent.name), "More agents than the limit", lease, task.busy);
    Surprise.unless(
        !task.doubts.concern(agent.name) || task.doubts.isUnsure() || !books.othersCanTell(task),
        "A lease for an agent in doubt",
        lease);
    Optional<BlenderVersion> opened = Optional.ofNullable(task.openedBy.get(agent.boot()));
    if (!(lease.work() instanceof Lease.Open)) {
      Surprise.unless(
          opened.equals(task.plan.map(plan -> plan.facts().blender())),
          "Work on a frame for a process that has not opened it with the frame's Blender",
          lease,
          opened);
    }
    Surprise.unless(
        opened.isPresent() || !task.isTooLargeFor(agent), "A lease for too small an agent", lease);
    checkPriority(task, agent);
    books.begin(new BookedLease(lease, task), agent);
  }

  /** Nothing is given to an agent while something of a higher priority could be. */
  private void checkPriority(BookedTask given, BookedAgent agent) {
    if (given.phase == BookedTask.Phase.COMPOSING) {
      return;
    }
    boolean isOpen = given.wantsAgents();
    for (BookedTask other : books.tasks.values()) {
      if (other != given && (other.priority > given.priority || !isOpen)) {
        Surprise.unless(
            !other.wantsAgents() || !other.mayBeWorkOf(agent),
            "A lease though something more urgent waits",
            given.name,
            other.name,
            agent.name);
      }
    }
  }

  private void steal(Effect.Steal steal) {
    BookedLease held = books.known(steal.agent(), steal.lease(), steal.attempt()).orElseThrow();
    books.change(books.agent(steal.agent()));
    Surprise.unless(
        held.waiting.keySet().containsAll(steal.cells()),
        "Cells are stolen that nobody has",
        steal);
    Surprise.unless(!steal.cells().isEmpty(), "Nothing is stolen", steal);
    boolean isAll = steal.cells().containsAll(held.waiting.keySet());
    if (books.isLive(held) && !held.task.isPaused) {
      Surprise.unless(!held.isAsked, "Stolen from though a steal is unanswered", steal);
      Surprise.unless(
          books.agent(steal.agent()).presence == AgentWork.Presence.HERE,
          "Stolen from an agent that is away",
          steal);
    }
    held.isAsked = !held.task.isPaused;
    held.mustBeAsked &= !isAll;
  }

  private void plan(BookedTask task, FramePlan plan) {
    books.change(task);
    Surprise.unless(task.stored.isEmpty(), "A plan is replaced though cells are stored", task.name);
    Surprise.unless(
        task.frame.filter(frame -> frame.cellsLeased() > 0).isEmpty(),
        "A plan is replaced though cells are leased",
        task.name);
    task.plan = Optional.of(plan);
    task.frame = Optional.of(new FrameBooks(plan.cut()));
    task.phase = BookedTask.Phase.RENDERING;
    task.setAside.values().removeIf(isMisfit -> isMisfit);
  }

  private void keep(Effect.Keep keep, CellLooks looks) {
    Lease lease = keep.lease();
    BookedLease held = books.known(lease.agent(), lease.id(), lease.attempt()).orElseThrow();
    BookedTask task = held.task;
    FrameBooks frame = task.frame.orElseThrow();
    Cell cell = held.waiting.remove(keep.number());
    if (cell == null || !cell.equals(keep.cell())) {
      throw new AssertionError("A cell is kept that is not awaited: " + keep);
    }
    boolean isLive = books.isLive(held);
    Surprise.unless(
        keep.attempt() == lease.attempt() + (isLive ? 0 : 1), "Kept under a wrong attempt", keep);
    if (isLive) {
      frame.store(cell);
    } else {
      Surprise.unless(task.phase == BookedTask.Phase.RENDERING, "Adopted too late", keep);
      frame.add(cell, FrameBooks.Fate.STORED);
    }
    task.stored.add(cell);
    books.changed(task, List.of(cell));
    bookLooks(task, lease.agent(), cell, looks, isLive);
    books.endIfDone(held);
  }

  private void bookLooks(
      BookedTask task, AgentName agent, Cell cell, CellLooks looks, boolean isLive) {
    if (looks == CellLooks.FINE) {
      task.doubts.refute(agent, cell);
      return;
    }
    Surprise.unless(isLive, "A doubtful cell is adopted", cell);
    if (!task.doubts.confirm(agent, cell, looks)) {
      task.doubts.add(agent, cell, looks);
      Surprise.unless(
          task.doubts.isUnsure() || !books.othersCanTell(task),
          "A doubtful cell is kept though another agent could tell",
          cell);
      task.doubts.trustAll();
    }
  }
}
