/** The Manager server: farm loop, results, REST. */
@NullMarked
package io.blendnet.manager;

import org.jspecify.annotations.NullMarked;
