"""Many skies into one folder: drawn by several processes or machines, resumed where it stopped.

    seeds still to draw -> workers draw and write files -> one line of the manifest for each sky

drawing.py is what one worker does with one seed; processes.py and on_ray.py find the workers;
manifest.py keeps the book of what is done; run.py puts them together. A worker only writes files
that are whole, and only the process that was started writes the manifest, after the files: whatever
dies when, no sky is missing from a folder that is done, and none is listed twice.
"""
