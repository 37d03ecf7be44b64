/** The workers: which peer each one picks, and whether it sends. */
@NullMarked
package io.github.bytesandbrains.backoff.demo.workload;

import org.jspecify.annotations.NullMarked;
