package io.blendnet.domain;

/** What went wrong in a lease, as far as an agent can tell. */
public enum FailureKind {
  /** The scene cannot be rendered as it is: no camera, unreadable file, missing engine. */
  SCENE,
  /** Blender ran out of memory. */
  MEMORY,
  /** Blender crashed, hung or answered nonsense. */
  BLENDER,
  /** The machine cannot do it: no Blender, disk full. */
  MACHINE
}
