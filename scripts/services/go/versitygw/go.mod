module snug.invalid/services/versitygw

go 1.24

require github.com/versity/versitygw v1.8.0
