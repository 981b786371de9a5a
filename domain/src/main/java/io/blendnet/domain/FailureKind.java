package io.blendnet.domain;

/** What went wrong in a lease, as far as the agent, or its line to the Manager, can tell. */
public enum FailureKind {
  /** The scene cannot be rendered as it is: no camera, unreadable file, missing engine. */
  SCENE,
  /** Blender ran out of memory. */
  MEMORY,
  /** Blender crashed, hung or answered nonsense. */
  BLENDER,
  /** The machine cannot do it: no Blender, disk full. */
  MACHINE,
  /** The agent's owner does not allow it: a scene's scripts where no sandbox holds them. */
  REFUSED,
  /** A transfer between Manager and agent broke, though both are there: nobody's fault as such. */
  LINK
}
