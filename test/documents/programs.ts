// What programs of documents find in the folder that they run in, where they are about somebody's files.
