"""The recorded past, kept as columns.

    a source (csv, recorder) -> staged segments -> merged into monthly partitions -> visible by one row of the manifest
    a batch of live changes  -> the tail (a table)  -> folded into partitions when it has grown

`rows` are columns in memory and how they are combined; `columns` is the file of one month; `folder` makes files appear
whole; `library` gives the past to the miners and the replay; `staging`, `merging` and `importing` bring a file in;
`csv_*` and `recorder*` read what people have. What is visible is what the manifest in the database names, never what
lies in the folder.
"""
